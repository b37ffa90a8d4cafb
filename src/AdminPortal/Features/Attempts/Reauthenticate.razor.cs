using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Attempts.Drafts;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace AdminPortal.Features.Attempts;

/// <summary>Where authorizing an instance anew begins: says what will happen; the draft is begun by the button alone.</summary>
public sealed partial class Reauthenticate
{
    private InstanceView? _instance;
    private Guid? _open;
    private IReadOnlyList<Problem> _problems = [];
    private bool _loading = true;
    private bool _busy;

    [Inject]
    public required InstanceService Instances { get; set; }

    [Inject]
    public required ReauthenticationService Reauthentications { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    [Parameter]
    public Guid Id { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_instance?.Id == Id) return;
        _loading = true;
        _problems = [];
        _instance = await Instances.FindAsync(Id, CancellationToken.None);
        _open = _instance is null ? null : await Reauthentications.FindOpenAsync(Id, CancellationToken.None);
        _loading = false;
    }

    private async Task StartAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var started = await Reauthentications.StartAsync(Id, await SignedIn.ActorAsync(), CancellationToken.None);
            _problems = started.Problems;
            // The attempt's page knows at which step its draft stands.
            if (started.Succeeded) Navigation.NavigateTo($"/connect/{started.Value}");
        }
        finally
        {
            _busy = false;
        }
    }
}
