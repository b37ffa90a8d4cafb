using AdminPortal.Provisioning.Activity;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Activity;

/// <summary>The last lines of the record about one thing. What cannot be read is left out: the page is about something else.</summary>
public sealed partial class RecentActivity
{
    private const int Shown = 10;

    private IReadOnlyList<ActivityLine> _lines = [];
    private ActivityQuery? _read;
    private int _readAt;

    [Inject]
    public required ActivityService Record { get; set; }

    [Inject]
    public required ILogger<RecentActivity> Logger { get; set; }

    /// <summary>The one thing that it is about.</summary>
    [Parameter, EditorRequired]
    public required ActivityQuery Query { get; set; }

    /// <summary>Changes whenever the lines have to be read anew.</summary>
    [Parameter]
    public int Version { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_read == Query && _readAt == Version) return;
        (_read, _readAt) = (Query, Version);
        try
        {
            _lines = (await Record.ListAsync(Query with { PageSize = Shown }, CancellationToken.None)).Lines;
        }
#pragma warning disable CA1031 // The record is beside the point of the page, which stays of use without it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ActivityLog.ReadFailed(Logger, exception);
        }
    }
}
