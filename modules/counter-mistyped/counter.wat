;; What TinyGo compiled in 2022 asks of its host, (i32) -> (), on a host that was written for what it compiles today, () -> ().
(module
  (import "env" "main.incrementCount" (func $increment (param i32)))
  (import "env" "main.getCount" (func $count (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 10))
    (loop $again
      (call $increment (i32.const 0))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (drop (call $count (i32.const 0)))))
