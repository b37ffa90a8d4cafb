using System.Globalization;
using System.Text.Json;
using AdminPortal.Sandbox.Journal;
using AdminPortal.Sandbox.Pages;
using AdminPortal.Sandbox.Tenancy;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Faults;

/// <summary>The page with the switches, and the forms on it.</summary>
internal static class RehearsalEndpoints
{
    public const string Path = "/sandbox";
    public const string SetPath = "/sandbox/rehearsal";
    public const string RemovePath = SetPath + "/remove";
    public const string ClockPath = SetPath + "/clock";

    /// <summary>The switch that is written out as JSON.</summary>
    public const string Own = "own";

    public static void MapRehearsal(this IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Show);
        app.MapGet(SetPath, Show);
        var forms = app.MapGroup(string.Empty).AddEndpointFilter<SameOrigin>();
        forms.MapPost(SetPath, SetAsync);
        forms.MapPost(RemovePath, RemoveAsync);
        forms.MapPost(ClockPath, MoveAsync);
    }

    private static IResult Show(HttpRequest request, FaultQueue faults, SandboxClock clock, RequestJournal journal)
    {
        var page = new RehearsalPage(faults.Waiting(), clock, journal.Entries(), RehearsalScope.From(name => request.Query[name]));
        return page.Html(request.Query["set"].ToString(), null, null);
    }

    private static async Task<IResult> SetAsync(HttpRequest request, FaultQueue faults, SandboxClock clock, RequestJournal journal)
    {
        if (await FormAsync(request) is not { } form)
            return Html.Page("Not a form", "<main><h1>A form is expected here</h1></main>", StatusCodes.Status400BadRequest);

        var scope = RehearsalScope.From(name => form[name]);
        var id = form["switch"].ToString();
        var own = form[Own].ToString();
        var (fault, problem) = Chosen(id, own, form[$"value-{id}"].ToString().Trim(), scope);
        if (problem is not null)
            return new RehearsalPage(faults.Waiting(), clock, journal.Entries(), scope).Html(id, problem, own);
        if (fault is not null)
            faults.Add(fault);
        return new SeeOther(Path + scope.Query(fault is null ? null : id) + (fault is null ? string.Empty : $"#switch-{id}"));
    }

    // Without a switch the form only keeps its scope: that is what Enter in one of its fields does.
    private static (Fault? Fault, string? Problem) Chosen(string id, string own, string value, RehearsalScope scope) => id switch
    {
        "" => (null, null),
        Own => Written(own),
        _ when Rehearsals.Find(id) is { } found => found.With(scope.Times, scope.Only, value),
        _ => (null, "There is no such switch."),
    };

    private static (Fault? Fault, string? Problem) Written(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Fault>(json, WireFormat.Json) is { } fault
                ? fault.Problem() is { } problem ? (null, problem) : (fault, null)
                : (null, $"A fault has the form {Fault.Form}");
        }
        catch (JsonException)
        {
            return (null, $"A fault has the form {Fault.Form}");
        }
    }

    private static async Task<IResult> RemoveAsync(HttpRequest request, FaultQueue faults)
    {
        var form = await FormAsync(request);
        if (form?["fault"].ToString() == "all")
            faults.Clear();
        else if (long.TryParse(form?["fault"], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            faults.Remove(id);
        return new SeeOther(Path + Kept(form) + "#waiting");
    }

    private static async Task<IResult> MoveAsync(HttpRequest request, SandboxClock clock)
    {
        var form = await FormAsync(request);
        if (form?["move"].ToString() == "reset")
            clock.Reset();
        else if (int.TryParse(form?["move"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            && new ClockMove { AdvanceSeconds = seconds }.Problem() is null)
            clock.Advance(TimeSpan.FromSeconds(seconds));
        return new SeeOther(Path + Kept(form) + "#clock");
    }

    private static string Kept(IFormCollection? form) => RehearsalScope.From(name => form?[name]).Query(null);

    private static async Task<IFormCollection?> FormAsync(HttpRequest request)
    {
        try
        {
            return request.HasFormContentType ? await request.ReadFormAsync(request.HttpContext.RequestAborted) : null;
        }
        catch (InvalidDataException)
        {
            // More fields than a form of ours can have.
            return null;
        }
    }
}
