;; Spins for ever: only the end of its process ends it.
(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))
