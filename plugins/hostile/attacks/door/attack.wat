;; Knocks at a door of WASI or of a platform.
(component
  (import "{variant}" (instance))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
