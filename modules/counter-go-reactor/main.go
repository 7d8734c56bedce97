// A reactor: the host calls _initialize, which starts Go's runtime, and then run, as often as it likes.
package main

//go:wasmimport env main.incrementCount
func incrementCount()

//go:wasmimport env main.getCount
func getCount() int32

//go:wasmexport run
func run() int32 {
	for i := 0; i < 10; i++ {
		incrementCount()
	}
	return getCount()
}

func main() {}
