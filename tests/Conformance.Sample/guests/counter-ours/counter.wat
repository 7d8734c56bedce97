;; A guest of somebody else: counts to ten by two functions of its host, and returns what the host counted.
(module
  (import "env" "main.incrementCount" (func $increment))
  (import "env" "main.getCount" (func $get (result i32)))
  (func (export "run") (result i32)
    (local $left i32)
    (local.set $left (i32.const 10))
    (loop $again
      (call $increment)
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (call $get)))
