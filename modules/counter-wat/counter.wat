;; The smallest counter guest: two imports, ten increments, the count as the result.
(module
  (import "env" "main.incrementCount" (func $increment))
  (import "env" "main.getCount" (func $get (result i32)))
  (func (export "run") (result i32)
    (local $left i32)
    (local.set $left (i32.const 10))
    (loop $again
      (call $increment)
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $get)))
