;; Throws an exception and catches it.
(component
  (core module $main
    (tag $problem (param i32))
    (func $throw (throw $problem (i32.const 7)))
    (func (export "catch") (result i32)
      (block $caught (result i32)
        (try_table (catch $problem $caught) (call $throw))
        i32.const 0)))
  (core instance $main (instantiate $main))
  (func (export "catch") (result u32) (canon lift (core func $main "catch"))))
