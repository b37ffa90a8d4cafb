using System.Globalization;
using System.Text;
using AdminPortal.Sandbox.Pages;
using AdminPortal.Sandbox.Wire;

namespace AdminPortal.Sandbox.Journal;

internal static class JournalEndpoints
{
    private const string Path = "/sandbox/journal";
    private const int RowsOnPage = 200;

    public static void MapJournal(this IEndpointRouteBuilder app)
    {
        app.MapGet(Path, (HttpRequest request, RequestJournal journal) =>
            WantsJson(request) ? Results.Json(journal.Entries(), WireFormat.Json) : Html.Page("Journal", Table(journal.Entries())));
        app.MapDelete(Path, (RequestJournal journal) =>
        {
            journal.Clear();
            return Results.NoContent();
        });
    }

    private static bool WantsJson(HttpRequest request) =>
        request.Headers.Accept.ToString() is var accept
        && accept.Contains("application/json", StringComparison.OrdinalIgnoreCase)
        && !accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static string Table(IReadOnlyList<JournalEntry> entries)
    {
        var rows = new StringBuilder();
        foreach (var entry in entries.Reverse().Take(RowsOnPage))
        {
            rows.Append(CultureInfo.InvariantCulture, $"""
                <tr>
                  <td>{entry.Sequence}</td>
                  <td><time datetime="{entry.At:O}">{entry.At:HH:mm:ss}</time></td>
                  <td>{Html.Encode(entry.Method)}</td>
                  <td class="long">{Html.Encode(entry.Path + entry.Query)}{Fault(entry)}{Details(entry)}</td>
                  <td>{Outcome(entry)}</td>
                  <td>{entry.DurationMilliseconds} ms</td>
                </tr>

                """);
        }

        var table = entries.Count == 0 ? "<p>No requests yet.</p>" : $"""
            <div class="scroll" role="region" aria-label="Requests" tabindex="0">
            <table>
              <thead><tr><th scope="col">No.</th><th scope="col">Time (UTC)</th><th scope="col">Method</th><th scope="col">Path</th><th scope="col">Status</th><th scope="col">Took</th></tr></thead>
              <tbody>
            {rows}
              </tbody>
            </table>
            </div>
            """;
        return $"""
            <main class="wide">
            <h1>Journal</h1>
            <p>The requests that the sandbox saw, newest first; at most {RowsOnPage} here. Secrets are masked. Ask for <code>application/json</code> to get all of it. <a href="/sandbox">Back to the switches</a></p>
            {table}
            </main>
            """;
    }

    public static string Outcome(JournalEntry entry) => entry.Status == 0 ? "dropped" : entry.Status.ToString(CultureInfo.InvariantCulture);

    private static string Fault(JournalEntry entry) => entry.Fault is null ? string.Empty : $"""<p class="fault">{Html.Encode(entry.Fault)}</p>""";

    private static string Details(JournalEntry entry)
    {
        var parts = new StringBuilder();
        Part(parts, "Headers", string.Join('\n', entry.RequestHeaders.Select(header => $"{header.Key}: {header.Value}")));
        Part(parts, "Request body", entry.RequestBody);
        Part(parts, "Response body", entry.ResponseBody);
        return $"<details><summary>Details</summary>{parts}</details>";
    }

    private static void Part(StringBuilder parts, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
            parts.Append(CultureInfo.InvariantCulture, $"<p>{name}</p><pre>{Html.Encode(text)}</pre>");
    }
}
