"""The rows of the scope matrix for the API."""

from tests.scope_rows import LeadPage, Page, anybody

NEW_LEAD = {"email": "new@buyer.example"}
API_ALONE = dict.fromkeys(("anonymous", "rep", "manager", "marketing", "admin"), 401)

API = (
    Page("GET", "api/schema/", anybody(200)),
    Page("GET", "api/docs/", anybody(200)),
    Page("POST", "api/v1/leads/", API_ALONE | {"key": 201}, NEW_LEAD),
    LeadPage("GET", "api/v1/leads/<int:lead_id>/", {"key": 200}, hidden=API_ALONE),
    Page("GET", "api/v1/leads/", API_ALONE | {"key": 200}),
    Page("POST", "api/v1/leads/bulk/", API_ALONE | {"key": 200}, {"leads": [NEW_LEAD]}),
    Page("POST", "api/v1/touches/bulk/", API_ALONE | {"key": 400}),
    LeadPage("PATCH", "api/v1/leads/<int:lead_id>/", {"key": 428}, hidden=API_ALONE),
    LeadPage(
        "POST",
        "api/v1/leads/<int:lead_id>/promote/",
        {"key": 409},
        hidden=API_ALONE,
    ),
    LeadPage("POST", "api/v1/leads/<int:lead_id>/touches/", {"key": 400}, hidden=API_ALONE),
    LeadPage("POST", "api/v1/leads/<int:lead_id>/dispositions/", {"key": 400}, hidden=API_ALONE),
    Page("GET", "api/v1/changes/", API_ALONE | {"key": 200}),
    Page("GET", "api/v1/endpoints/", API_ALONE | {"key": 200}),
    Page("GET", "api/v1/endpoints/<int:endpoint_id>/", API_ALONE | {"key": 404}, about=(1,)),
    Page("POST", "api/v1/endpoints/<int:endpoint_id>/rotate/", API_ALONE | {"key": 404}, about=(1,)),
    Page("GET", "api/v1/endpoints/<int:endpoint_id>/deliveries/", API_ALONE | {"key": 404}, about=(1,)),
    Page(
        "POST",
        "api/v1/endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/again/",
        API_ALONE | {"key": 404},
        about=(1, 1),
    ),
    *(
        Page("GET", f"api/v1/{name}/", API_ALONE | {"key": 200})
        for name in ("channels", "campaigns", "spend", "agreements", "stages", "reasons")
    ),
    Page("GET", "api/v1/reports/", API_ALONE | {"key": 200}),
    Page("GET", "api/v1/reports/<slug:name>/", API_ALONE | {"key": 200}, about=("closed-loop",)),
    Page("GET", "api/v1/reports/<slug:name>/", API_ALONE | {"key": 404}, about=("moon",)),
    Page("POST", "api/v1/hooks/<slug:token>/", anybody(404), about=("nothing",)),
    Page("GET", "^api/", anybody(404)),
)
