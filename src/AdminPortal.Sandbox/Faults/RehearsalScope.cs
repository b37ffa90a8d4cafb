namespace AdminPortal.Sandbox.Faults;

/// <summary>What the page's switches are set for, and whether it shows itself anew. Kept in the page's address from one form to the next.</summary>
/// <param name="Times"><c>once</c> or <c>always</c>.</param>
/// <param name="Only">Text that the request must contain; empty for every request.</param>
internal sealed record RehearsalScope(string Times, string Only, bool IsLive)
{
    public const string Once = "once";

    private const int LongestText = 200;

    public static RehearsalScope From(Func<string, string?> field)
    {
        var only = field("only")?.Trim() ?? string.Empty;
        return new RehearsalScope(
            field("times") == FaultTimes.Always ? FaultTimes.Always : Once,
            only.Length > LongestText ? only[..LongestText] : only,
            field("live") == "1");
    }

    /// <param name="set">The switch that was just set.</param>
    public string Query(string? set)
    {
        var query = QueryString.Empty;
        if (Times == FaultTimes.Always)
            query = query.Add("times", Times);
        if (Only.Length > 0)
            query = query.Add("only", Only);
        if (IsLive)
            query = query.Add("live", "1");
        if (set is not null)
            query = query.Add("set", set);
        return query.Value ?? string.Empty;
    }
}
