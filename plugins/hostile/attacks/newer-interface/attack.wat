;; Exports an interface of a version that its stamp does not speak.
(component
  (instance $scoring)
  (export "groundswell:plugin/scoring@9.0.0" (instance $scoring)))
