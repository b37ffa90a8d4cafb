using System.Globalization;
using AdminPortal.Domain.Instances;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Instances;

/// <summary>How an instance's last checks went: as bars, in words, and one by one.</summary>
public sealed partial class CheckHistory
{
    private InstanceView? _read;
    private IReadOnlyList<InstanceCheck>? _checks;
    private bool _failed;

    /// <summary>The instance; given anew after each change, which may have been a check.</summary>
    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [CascadingParameter]
    private TimeZoneInfo? Zone { get; set; }

    [Inject]
    public required InstanceChecker Checker { get; set; }

    [Inject]
    public required ILogger<CheckHistory> Logger { get; set; }

    /// <summary>"Last 30 checks: 28 worked, 2 refused".</summary>
    private string Summary
    {
        get
        {
            var counts = _checks!.GroupBy(check => check.Outcome).OrderBy(group => group.Key)
                .Select(group => D[$"Checks.Count.{group.Key}", group.Count()].Value);
            return _checks!.Count == 1 ? D["Checks.Summary.One", counts.Single()] : D["Checks.Summary", _checks!.Count, string.Join(", ", counts)];
        }
    }

    private IReadOnlyList<SparklineBar> Bars =>
        [.. _checks!.Select(check => new SparklineBar(Height(check.Outcome), ToneOf(check.Outcome), Title(check)))];

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (ReferenceEquals(_read, Instance)) return;
        _read = Instance;
        try
        {
            _checks = await Checker.ListAsync(Instance.Id, Left);
            _failed = false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !Left.IsCancellationRequested)
        {
            InstancesLog.ReadFailed(Logger, exception, Instance.Id);
            _failed = true;
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    // Height says what colour says: full where it works, low where nothing is known.
    private static double Height(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Alive => 1,
        CheckOutcome.Disabled => 0.6,
        CheckOutcome.Refused or CheckOutcome.Missing => 0.4,
        _ => 0.15,
    };

    private static Tone ToneOf(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Alive => Tone.Good,
        CheckOutcome.Refused => Tone.Warning,
        CheckOutcome.Missing => Tone.Bad,
        _ => Tone.Neutral,
    };

    private static string Mark(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Alive => "check-circle",
        CheckOutcome.Refused => "warning",
        CheckOutcome.Disabled => "pause",
        _ => "question",
    };

    private string Title(InstanceCheck check) =>
        $"{TimeZoneInfo.ConvertTime(check.At, Zone ?? TimeZoneInfo.Utc).ToString("d MMM yyyy HH:mm", CultureInfo.CurrentCulture)}: {D[$"Check.{check.Outcome}"]}";
}
