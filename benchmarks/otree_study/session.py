"""`open N`: a session of N participants, whose codes are printed; `count`: the answers of the latest session.

Run by oTree's Python in the folder of the project.
"""

import sys

from otree.main import setup

setup()

import listening  # noqa: E402
from otree.database import db, session_scope  # noqa: E402
from otree.models import Participant, Session  # noqa: E402
from otree.session import create_session  # noqa: E402

with session_scope():
    match sys.argv[1:]:
        case ["open", people]:
            made = create_session("listening", num_participants=int(people)).id
            print(*(code for (code,) in db.query(Participant.code).filter_by(session_id=made)), sep="\n")
        case ["count"]:
            (latest,) = db.query(Session.id).order_by(Session.id.desc()).first()
            answers = db.query(listening.Player).filter_by(session_id=latest)
            print(answers.filter(listening.Player.chosen.isnot(None)).count())
