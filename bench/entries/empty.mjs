// A process that does nothing: what every import time has taken off.
