;; The host-function guest of the 2022 article, with the ABI that TinyGo 0.22 gave a bodyless function: a context parameter
;; whose value is undefined, so `main.incrementCount` is (i32) -> () and `main.getCount` is (i32) -> (i32).
;; Ten increments, then the count as a line on stdout.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "env" "main.incrementCount" (func $increment (param i32)))
  (import "env" "main.getCount" (func $get (param i32) (result i32)))
  (memory (export "memory") 1)
  ;; An iovec at 0 (pointer, length), the bytes written at 8, digits from 31 downwards, the newline at 32.
  (data (i32.const 32) "\n")
  (func (export "_start")
    (local $left i32)
    (local.set $left (i32.const 10))
    (loop $again
      (call $increment (i32.const 0))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $print (call $get (i32.const 0))))
  (func $print (param $number i32)
    (local $at i32)
    (local.set $at (i32.const 32))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (br_if $digit (local.tee $number (i32.div_u (local.get $number) (i32.const 10)))))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.sub (i32.const 33) (local.get $at)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
