"""Logistic mixed models with crossed random intercepts of people and pieces, as ``lme4::glmer`` fits them.

`crossing` holds the data and their normal equations, `laplace` the approximated likelihood with its gradient,
`minimum`, `fitting` and `profile` find estimates, errors and intervals, `design` and `of_study` make the models that a
study allows, `model` and `components` are the two measures.
"""
