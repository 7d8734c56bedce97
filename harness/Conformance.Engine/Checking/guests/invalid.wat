;; Well-formed, not valid: the body leaves nothing where an i32 is declared. wat2wasm --no-check makes it.
(module (memory (export "memory") 1) (func (export "_start") (result i32)))
