"""Addresses of pictures, runs and pairs."""

from django.urls import path

from generation.views import creating, imports, listening, pairs, pictures, runs, scores, visitors

urlpatterns = [
    path("pictures/", pictures.pictures, name="pictures"),
    path("pictures/labels.json", pictures.labels, name="picture_labels"),
    path("pictures/<uuid:public_id>/", pictures.picture, name="picture"),
    path("pictures/<uuid:public_id>/relabel/", pictures.relabel, name="picture_relabel"),
    path("runs/", runs.runs, name="runs"),
    path("runs/new/", runs.new_run, name="run_new"),
    path("runs/<uuid:public_id>/", runs.run, name="run"),
    path("runs/<uuid:public_id>/progress.json", runs.progress, name="run_progress"),
    path("runs/<uuid:public_id>/pace.json", runs.pace, name="run_pace"),
    path("runs/<uuid:public_id>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<uuid:public_id>/retry/", runs.retry, name="run_retry"),
    path("runs/<uuid:public_id>/retry-parked/", runs.retry_parked, name="run_retry_parked"),
    path("pairs/", pairs.pairs, name="pairs"),
    path("pairs/regenerate/", pairs.regenerate, name="pairs_regenerate"),
    path("pairs/import/", imports.imports, name="clip_imports"),
    path("pairs/import/<uuid:public_id>/", imports.clip_import, name="clip_import"),
    path("pairs/import/<uuid:public_id>/progress.json", imports.progress, name="clip_import_progress"),
    path("pairs/<uuid:public_id>/", pairs.pair_version, name="pair_version"),
    path("pairs/<uuid:public_id>/state.json", pairs.state, name="pair_version_state"),
    path("pairs/<uuid:public_id>/score/", scores.score, name="score"),
    path("pairs/<uuid:public_id>/score.svg", scores.score_svg, name="score_svg"),
    path("pairs/<uuid:public_id>/score.pdf", scores.score_pdf, name="score_pdf"),
    path("create/", creating.create, name="create"),
    path("create/listen/", listening.listen, name="listen"),
    path("create/listen/answer/", listening.answer, name="listen_answer"),
    path("create/listen/stop/", listening.stop, name="listen_stop"),
    path("create/listen/answers.csv", listening.answers_csv, name="listen_answers"),
    path("create/listen/clips/<str:token>/", listening.clip, name="listen_clip"),
    path("create/visit/<str:token>/", visitors.visit, name="visit"),
    path("create/visit/<str:token>/again/", visitors.again, name="visit_again"),
    path("create/visit/<str:token>/state.json", visitors.state, name="visit_state"),
    path("create/visit/<str:token>/<str:name>", visitors.file, name="visit_file"),
    path("create/<uuid:public_id>/", creating.create_from, name="create_from"),
    path("create/<uuid:public_id>/label.json", creating.label, name="create_label"),
    path("create/clips/<uuid:public_id>/", creating.clip, name="create_clip"),
    path("create/clips/<uuid:public_id>/keep/", creating.keep, name="create_keep"),
]
