// The article's guest, as TinyGo has it today: //go:wasmimport names the host functions, which are () -> () and () -> i32 now.
package main

import "fmt"

//go:wasmimport env main.incrementCount
func incrementCount()

//go:wasmimport env main.getCount
func getCount() int32

func main() {
	for i := 0; i < 10; i++ {
		incrementCount()
	}
	fmt.Println(getCount())
}
