using AdminPortal.Sandbox.Api;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Pages;

/// <summary>What the sandbox says of itself, its health and its style sheet.</summary>
internal static class HomePages
{
    public const string StyleSheetPath = "/sandbox/sandbox.css";

    public static void MapHomePages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", Home);
        app.MapGet("/sandbox/health", () => Results.Json(new HealthBody("ok"), WireFormat.Json));
        app.MapGet(StyleSheetPath, () =>
            Results.Stream(typeof(HomePages).Assembly.GetManifestResourceStream("sandbox.css")!, "text/css; charset=utf-8"));
    }

    private static IResult Home(HttpRequest request, SandboxOptions options, OwnAddress own, Tenant tenant) => Html.Page("Start", $$"""
        <main>
        <h1>Platform sandbox</h1>
        <p>It simulates the Cloud Elements / SAP Open Connectors API for the five Infusionsoft elements and one of another provider, and the Infusionsoft sign-in. Connect a client to it with these values. They are toy values and guard nothing.</p>
        <dl>
          <dt>Base URL</dt><dd><code>{{Html.Encode(own.Of(request))}}</code></dd>
          <dt>API</dt><dd><code>{{Html.Encode(own.Of(request) + ElementsApi.BasePath)}}</code></dd>
          <dt>Organization secret</dt><dd><code>{{Html.Encode(options.OrganizationSecret)}}</code></dd>
          <dt>User secret</dt><dd><code>{{Html.Encode(options.UserSecret)}}</code></dd>
          <dt>Instances</dt><dd>{{tenant.Count}}</dd>
        </dl>
        <p>Any client id, client secret and user name do. A client id that begins with <code>invalid</code> is refused by the sign-in, and the user <code>noapp</code> has no account to grant.</p>
        <p><a class="btn btn-primary" href="/sandbox">Rehearse what can go wrong</a></p>
        <h2>Levers for tests</h2>
        <ul>
          <li><code>POST /sandbox/faults</code> lets the next matching calls go wrong; <code>GET</code> lists what waits, <code>DELETE</code> forgets it, all or by its id.</li>
          <li><code>POST /sandbox/clock</code> moves the sandbox's time; <code>DELETE</code> sets it right.</li>
          <li><code>POST /sandbox/instances</code> makes an instance without a consent, <code>POST /sandbox/instances/{id}</code> changes one behind the client's back, <code>DELETE</code> removes it.</li>
        </ul>
        <p>Each takes a JSON object and says what it may hold when it is sent one that does not fit.</p>
        <p><a href="/sandbox/journal">Journal of the requests</a></p>
        </main>
        """);
}
