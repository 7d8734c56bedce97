// The article's browser guest: NewCounter() gives JavaScript an object whose functions answer with promises, and net/http asks the server. In a browser,
// net/http is fetch underneath.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall/js"
)

type counter struct {
	url string
}

func (c counter) send(method, action string) (string, error) {
	request, err := http.NewRequest(method, c.url+action, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: the counter server answered %s", method, action, response.Status)
	}
	return string(body), err
}

func (c counter) increment() (any, error) {
	_, err := c.send(http.MethodPut, "/add")
	return nil, err
}

func (c counter) count() (any, error) {
	body, err := c.send(http.MethodGet, "/count")
	if err != nil {
		return nil, err
	}
	return strconv.Atoi(strings.TrimSpace(body))
}

// promising makes a JavaScript function of work that may block: blocking in the function itself would block the page, and with it the answer.
func promising(work func() (any, error)) js.Func {
	return js.FuncOf(func(js.Value, []js.Value) any {
		executor := js.FuncOf(func(_ js.Value, settle []js.Value) any {
			resolve, reject := settle[0], settle[1]
			go func() {
				if value, err := work(); err != nil {
					reject.Invoke(js.Global().Get("Error").New(err.Error()))
				} else {
					resolve.Invoke(value)
				}
			}()
			return nil
		})
		defer executor.Release()
		return js.Global().Get("Promise").New(executor)
	})
}

func newCounter(js.Value, []js.Value) any {
	c := counter{url: os.Getenv("COUNTER_URL")}
	return map[string]any{"IncrementCounter": promising(c.increment), "Count": promising(c.count)}
}

func main() {
	js.Global().Set("NewCounter", js.FuncOf(newCounter))
	select {}
}
