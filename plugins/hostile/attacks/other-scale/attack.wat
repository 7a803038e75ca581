;; Imports a type of the contract's name and another shape.
(component
  (import "groundswell:plugin/types@0.1.0" (instance
    (type $scale (enum "raw" "cooked"))
    (export "scale" (type (eq $scale)))))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
