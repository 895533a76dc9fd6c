"""Indexes by which one study is read among others, in the place of those that nothing reads.

Each index is made and dropped while people answer, on PostgreSQL: CONCURRENTLY, outside of a transaction, so that no
table is locked for longer than a moment. A migration that was cut off can be run again. What Django would do for a
field that loses its index (drop its foreign key, make it anew and check every row) is left out: only the index goes.
"""

import django.db.models.deletion
from django.db import migrations, models

GONE = {
    # unique constraints that begin with the same column are read in their place
    "survey_trial_participant_id_65a83359": "survey_trial (participant_id)",
    "survey_trialevent_trial_id_4587d9b0": "survey_trialevent (trial_id)",
    "survey_fill_stimulus_id_0609b068": "survey_fill (stimulus_id)",
    "survey_load_stimulus_id_1b68a7fc": "survey_load (stimulus_id)",
    "survey_named_stimulus_id_879d8b3c": "survey_named (stimulus_id)",
    "survey_outsideid_study_id_763716d7": "survey_outsideid (study_id)",
    # the new ones below
    "survey_participant_study_id_043b7b57": "survey_participant (study_id)",
    "survey_response_choice_id_7a8db84a": "survey_response (choice_id)",
    "places_by_stimulus": "survey_trial (stimulus_id) WHERE holds_place",
    "survey_part_study_i_44ba60_idx": "survey_participant (study_id, kind, outcome)",
    # nobody looks for these
    "survey_trial_asked_emotion_11d7e8d8": "survey_trial (asked_emotion)",
    "survey_trialevent_kind_6f0877e8": "survey_trialevent (kind)",
    "survey_questionanswer_choice_29647726": "survey_questionanswer (choice)",
}
GONE_OF_POSTGRESQL = {
    # for LIKE 'a%', which is never asked of these
    "survey_trial_token_9461fb64_like": "survey_trial (token varchar_pattern_ops)",
    "survey_trial_asked_emotion_11d7e8d8_like": "survey_trial (asked_emotion varchar_pattern_ops)",
    "survey_trialevent_kind_6f0877e8_like": "survey_trialevent (kind varchar_pattern_ops)",
    "survey_questionanswer_choice_29647726_like": "survey_questionanswer (choice varchar_pattern_ops)",
    "survey_participant_public_id_ca37137b_like": "survey_participant (public_id varchar_pattern_ops)",
    "survey_participant_token_d0f3e200_like": "survey_participant (token varchar_pattern_ops)",
}


class AddIndexMeanwhile(migrations.AddIndex):
    """Others go on writing while PostgreSQL makes it; what a run before left unfinished goes first."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {self.index.name}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
        schema_editor.add_index(to_state.apps.get_model(app_label, self.model_name), self.index, concurrently=True)


def gone(vendor):
    return {**GONE, **(GONE_OF_POSTGRESQL if vendor == "postgresql" else {})}


def drop(_apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name in gone(vendor):
        schema_editor.execute(f"DROP INDEX {'CONCURRENTLY ' if vendor == 'postgresql' else ''}IF EXISTS {name}")


def make_again(_apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, columns in gone(vendor).items():
        meanwhile = "CONCURRENTLY " if vendor == "postgresql" else ""
        schema_editor.execute(f"CREATE INDEX {meanwhile}IF NOT EXISTS {name} ON {columns}")


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ("survey", "0028_exports_with_media"),
    ]

    operations = [
        AddIndexMeanwhile(
            model_name="participant",
            index=models.Index(fields=["study", "kind", "outcome", "consented_at"], name="people_by_outcome"),
        ),
        AddIndexMeanwhile(
            model_name="participant",
            index=models.Index(fields=["study", "id"], name="people_as_they_came"),
        ),
        AddIndexMeanwhile(
            model_name="response",
            index=models.Index(fields=["choice", "id"], name="answers_by_choice"),
        ),
        AddIndexMeanwhile(
            model_name="trial",
            index=models.Index(condition=models.Q(("answered_at__isnull", True)), fields=["stimulus", "lease_expires_at"], name="open_by_stimulus"),
        ),
        AddIndexMeanwhile(
            model_name="trialevent",
            index=models.Index(condition=models.Q(("kind", "error")), fields=["trial"], name="sounds_that_failed"),
        ),
        migrations.RunPython(drop, make_again),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="trial", name="places_by_stimulus"),
                migrations.RemoveIndex(model_name="participant", name="survey_part_study_i_44ba60_idx"),
                migrations.AlterField(
                    model_name="fill",
                    name="stimulus",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="fills", to="survey.stimulus"),
                ),
                migrations.AlterField(
                    model_name="load",
                    name="stimulus",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="loads", to="survey.stimulus"),
                ),
                migrations.AlterField(
                    model_name="named",
                    name="stimulus",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="named", to="survey.stimulus"),
                ),
                migrations.AlterField(
                    model_name="outsideid",
                    name="study",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="outside_ids", to="survey.study"),
                ),
                migrations.AlterField(
                    model_name="participant",
                    name="study",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="participants", to="survey.study"),
                ),
                migrations.AlterField(
                    model_name="questionanswer",
                    name="choice",
                    field=models.SlugField(blank=True, db_index=False),
                ),
                migrations.AlterField(
                    model_name="response",
                    name="choice",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="responses", to="survey.studychoice"),
                ),
                migrations.AlterField(
                    model_name="trial",
                    name="asked_emotion",
                    field=models.SlugField(blank=True, db_index=False, help_text="The label shown in the yes/no mode."),
                ),
                migrations.AlterField(
                    model_name="trial",
                    name="participant",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="trials", to="survey.participant"),
                ),
                migrations.AlterField(
                    model_name="trialevent",
                    name="kind",
                    field=models.SlugField(db_index=False, max_length=20),
                ),
                migrations.AlterField(
                    model_name="trialevent",
                    name="trial",
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="events", to="survey.trial"),
                ),
            ],
        ),
    ]
