;; Exports two functions whose names differ in their capital letters alone.
(component
  (core module $module (func (export "f")))
  (core instance $inner (instantiate $module))
  (func $f (canon lift (core func $inner "f")))
  (instance $scoring (export "describe" (func $f)) (export "DESCRIBE" (func $f)))
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
