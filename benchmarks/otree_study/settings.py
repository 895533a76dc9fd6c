"""The study of `benchmarks/survey.py` as an oTree project; read by oTree in its own environment."""

from os import environ

SESSION_CONFIGS = [
    {"name": "listening", "app_sequence": ["listening"], "num_demo_participants": 1},
]
SESSION_CONFIG_DEFAULTS = {"real_world_currency_per_point": 1.0, "participation_fee": 0.0, "doc": ""}
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "EUR"
USE_POINTS = False
ADMIN_USERNAME = "admin"
ADMIN_PASSWORD = environ.get("OTREE_ADMIN_PASSWORD")
SECRET_KEY = environ["SECRET_KEY"]
