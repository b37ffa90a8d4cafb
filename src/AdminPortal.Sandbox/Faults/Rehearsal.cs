using System.Globalization;

namespace AdminPortal.Sandbox.Faults;

/// <summary>A switch of the rehearsal page: a fault with a name, and what it is good for.</summary>
/// <param name="Id">Short name, for the form and for links.</param>
/// <param name="Title">What goes wrong.</param>
/// <param name="Purpose">What it rehearses.</param>
/// <param name="Ends">The page of the portal that a person ends on.</param>
/// <param name="Fault">The fault, once and for whoever comes.</param>
internal sealed record Rehearsal(string Id, string Title, string Purpose, string Ends, Fault Fault)
{
    /// <summary>What can be chosen about it; null for nothing.</summary>
    public RehearsalChoice? Choice { get; init; }

    /// <summary>Some make sense only until they are removed.</summary>
    public bool IsAlways => Fault.Times == 0;

    /// <param name="times">As the form gives it: 1 unless it is <c>always</c>.</param>
    /// <param name="only">Empty for every request.</param>
    /// <param name="chosen">Empty for the standard.</param>
    /// <returns>The fault, or the sentence that says why there is none.</returns>
    public (Fault? Fault, string? Problem) With(string times, string only, string chosen)
    {
        var fault = Fault with
        {
            Times = IsAlways || times == FaultTimes.Always ? 0 : 1,
            Only = only.Length == 0 ? null : only,
        };
        if (Choice is not null && chosen.Length > 0)
        {
            if (Choice.Put(fault, chosen) is not { } put)
                return (null, $"{Title}: {Choice.Label} must be a whole number.");
            fault = put;
        }

        return fault.Problem() is { } problem ? (null, $"{Title}: {problem}") : (fault, null);
    }
}

/// <summary>The one value of a switch that can be chosen.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Standard">What it is unless something else is typed.</param>
/// <param name="Put">Puts what was typed into the fault; null when it is none.</param>
internal sealed record RehearsalChoice(string Label, string Standard, Func<Fault, string, Fault?> Put)
{
    public static RehearsalChoice Value(string label, string standard) => new(label, standard, (fault, text) => fault with { Value = text });

    public static RehearsalChoice Number(string label, int standard, Func<Fault, int, Fault> put) => new(
        label,
        standard.ToString(CultureInfo.InvariantCulture),
        (fault, text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 86_400 ? put(fault, number) : null);
}

internal sealed record RehearsalGroup(string Id, string Title, string About, IReadOnlyList<Rehearsal> Switches);
