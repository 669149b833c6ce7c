;; A command that imports an interface which no host of ours provides.
(component
  (import "example:weather/forecast@1.0.0" (instance (export "today" (func (result u32)))))
  (core module $main (func (export "run") (result i32) i32.const 0))
  (core instance $main (instantiate $main))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
