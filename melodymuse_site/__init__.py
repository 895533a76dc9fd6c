try:
    from melodymuse_site.celery import app as celery_app
except ModuleNotFoundError as missing:
    if missing.name not in {"celery", "django", "redis"}:
        raise
    raise ModuleNotFoundError(
        f'Only the statistics are installed, not {missing.name}: pip install "melodymuse[site]" adds the rest.'
    ) from None

__all__ = ["celery_app"]
