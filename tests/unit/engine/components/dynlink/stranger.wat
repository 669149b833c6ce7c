;; world: stranger
;; A component that is no provider.
(module (func (export "answer") (result i32) (i32.const 42)))
