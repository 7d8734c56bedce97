;; Three increments, a read, and a word on stdout.
(module
  (import "env" "main.incrementCount" (func $increment))
  (import "env" "main.getCount" (func $get (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\n")
  (func (export "_start")
    (call $increment) (call $increment) (call $increment)
    (drop (call $get (i32.const 7)))
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
