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
