;; Exports something of its own beside the contract's interface.
(component
  (core module $module (func (export "f")))
  (core instance $inner (instantiate $module))
  (func $f (canon lift (core func $inner "f")))
  (export "boss" (func $f))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
