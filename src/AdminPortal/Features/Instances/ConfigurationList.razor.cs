using AdminPortal.Domain;
using AdminPortal.Domain.Elements;
using AdminPortal.Provisioning.Instances;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Instances;

/// <summary>An instance's configuration as the platform has it, each entry with a form of its own.</summary>
public sealed partial class ConfigurationList
{
    private IReadOnlyList<ConfigurationItem>? _items;
    private IReadOnlyList<Problem> _problems = [];
    private bool _showHidden;

    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [Inject]
    public required InstanceConfigurationService Configurations { get; set; }

    [Inject]
    public required ElementCatalog Catalog { get; set; }

    private int HiddenCount => _items!.Count(item => item.Hidden);

    private bool HasEvents => Catalog.Find(Instance.ElementKey)?.Events is not null;

    /// <inheritdoc />
    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _problems = [];
        _items = null;
        try
        {
            var result = await Configurations.ListAsync(Instance.Id, Left);
            _problems = result.Problems;
            if (result.Succeeded) _items = result.Value;
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private void Replace(ConfigurationItem saved) => _items = [.. _items!.Select(item => item.EntryId == saved.EntryId ? saved : item)];
}
