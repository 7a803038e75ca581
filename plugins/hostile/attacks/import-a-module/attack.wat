;; Has the host give it a module to instantiate, which nobody could count.
(component
  (import "groundswell:plugin/types@0.1.0" (core module))
  (instance $scoring)
  (export "groundswell:plugin/scoring@0.1.0" (instance $scoring)))
