// The article's client with net/http, on WASI: it links everywhere, for everything that it imports is preview 1. But preview 1 has no sockets to open, so Go
// gives it a network inside the process, where nobody listens.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

const server = "http://127.0.0.1:8080"

func increment() error {
	request, err := http.NewRequest(http.MethodPut, server+"/add", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func count() (string, error) {
	response, err := http.Get(server + "/count")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func run() error {
	for i := 0; i < 10; i++ {
		if err := increment(); err != nil {
			return err
		}
	}
	counted, err := count()
	if err == nil {
		fmt.Println(counted)
	}
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
