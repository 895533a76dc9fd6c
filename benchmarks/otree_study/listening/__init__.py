"""Eight clips of 240, each with eight emotions to choose from, a confidence, and what the player told."""

import random
from os import environ

from otree.api import (
    BaseConstants,
    BaseGroup,
    BasePlayer,
    BaseSubsession,
    Page,
    models,
    widgets,
)


class C(BaseConstants):
    NAME_IN_URL = "listening"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = int(environ["ROUNDS"])
    CLIPS = 240
    EMOTIONS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
    clip = models.IntegerField()
    chosen = models.StringField(choices=C.EMOTIONS, widget=widgets.RadioSelect)
    confidence = models.IntegerField(choices=(1, 2, 3, 4, 5), widget=widgets.RadioSelectHorizontal)
    played_seconds = models.FloatField(min=0)
    plays = models.IntegerField(min=0)
    hidden_seconds = models.FloatField(min=0)
    first_choice_seconds = models.FloatField(min=0)


def creating_session(subsession):
    """Clips as an oTree study draws them: when the session is made, for everybody at random."""
    for player in subsession.get_players():
        player.clip = random.randrange(C.CLIPS)


class Clip(Page):
    form_model = "player"
    form_fields = ("chosen", "confidence", "played_seconds", "plays", "hidden_seconds", "first_choice_seconds")

    @staticmethod
    def vars_for_template(player):
        return {"sound": f"clips/{player.clip}.mp3"}


page_sequence = [Clip]
