"""What pyproject.toml cannot say: templates/ stands beside the packages, and travels inside melodymuse_site."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["generation*", "survey*", "melodymuse_site*"]), "melodymuse_site.templates"],
    package_dir={"melodymuse_site.templates": "templates"},
    package_data={name: ["**/*"] for name in ("generation", "survey", "melodymuse_site", "melodymuse_site.templates")},
    exclude_package_data={"": ["*.pyc", "__pycache__/*"]},
)
