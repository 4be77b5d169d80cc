from django.contrib import admin
from django.urls import include, path

from questionnaires.views.pages import home

urlpatterns = [
    path("", home, name="home"),
    path("assessments/", include("questionnaires.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
