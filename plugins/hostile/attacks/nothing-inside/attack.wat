;; Exports the contract's interface with nothing in it.
(component
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
