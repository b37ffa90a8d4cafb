using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Providers;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Providers;

/// <summary>The form for one provider app, new or stored, with the guide beside it.</summary>
public sealed partial class ProviderAppEdit
{
    private ProviderAppInput? _input;
    private bool _gone;
    private List<string> _baseUrls = [];

    [Inject]
    public required ProviderAppService Apps { get; set; }

    [Inject]
    public required AccountService Accounts { get; set; }

    /// <summary>The app that is edited; null for a new one.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_input is not null && _input.Id == Id) return;
        _input = null;
        _gone = false;
        if (Id is not { } id)
        {
            _baseUrls = [.. (await Accounts.ListAsync(Left)).Select(account => account.BaseUrl).Distinct().Order(StringComparer.Ordinal)];
            _input = new ProviderAppInput { AllowedFor = [.. _baseUrls] };
            return;
        }

        var app = (await Apps.ListAsync(Left)).FirstOrDefault(app => app.Id == id);
        _gone = app is null;
        if (app is not null) _input = new ProviderAppInput { Id = id, Name = app.Name, ClientId = app.ClientId };
    }

    private void Toggle(string baseUrl)
    {
        if (!_input!.AllowedFor!.Remove(baseUrl)) _input.AllowedFor.Add(baseUrl);
    }

    private Task SaveAsync() =>
        SendAsync(actor => Apps.SaveAsync(_input!, actor, CancellationToken.None), "/provider-apps", () => _input!.Name.Trim());
}
