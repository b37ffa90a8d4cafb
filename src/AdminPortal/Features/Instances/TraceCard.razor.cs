using AdminPortal.Domain;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Instances;

/// <summary>Switches the platform's trace of an instance's calls on for some minutes, or off.</summary>
public sealed partial class TraceCard
{
    private readonly TraceForm _form = new();
    private IReadOnlyList<Problem> _problems = [];
    private string? _done;
    private bool? _running;

    [CascadingParameter]
    public required InstanceFrame Frame { get; set; }

    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    private bool IsOn => Instance.TraceUntil > Clock.GetUtcNow();

    private Task SwitchOnAsync() => SwitchAsync(_form.Minutes);

    private async Task SwitchAsync(int? minutes)
    {
        if (Frame.IsBusy) return;
        _done = null;
        _problems = [];
        _running = minutes is not null;
        var result = await Frame.ChangeAsync(actor => Instances.SetTraceAsync(Instance.Id, minutes, actor, CancellationToken.None));
        _running = null;
        _problems = result.Problems;
        if (result.Succeeded) _done = minutes is { } on ? D["Trace.Started", on] : D["Trace.Stopped"];
    }

    private sealed class TraceForm
    {
        public int Minutes { get; set; } = InstanceService.DefaultTraceMinutes;
    }
}
