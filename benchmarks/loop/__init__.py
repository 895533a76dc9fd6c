"""Do listeners teach the composer? Three waves with simulated listeners whose ears are known.

``python -m benchmarks.loop`` makes the table and the figure. What `muse` makes of what it is asked for is drawn from a
surrogate, fitted to clips that it composed in fact (`composing`, `surrogate`).
"""
