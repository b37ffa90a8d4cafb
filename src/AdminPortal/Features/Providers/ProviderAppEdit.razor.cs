using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Provisioning.Accounts;
using AdminPortal.Provisioning.Providers;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Providers;

/// <summary>The form for one provider app, new or stored, with the guide beside it.</summary>
public sealed partial class ProviderAppEdit : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private ProviderAppInput? _input;
    private FormValidator<ProviderAppInput>? _validator;
    private IReadOnlyList<Problem> _problems = [];
    private bool _gone;
    private bool _saving;
    private List<string> _baseUrls = [];

    [Inject]
    public required ProviderAppService Apps { get; set; }

    [Inject]
    public required AccountService Accounts { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    [Inject]
    public required Confirmation Confirmation { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The app that is edited; null for a new one.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_input is not null && _input.Id == Id) return;
        _input = null;
        _gone = false;
        if (Id is not { } id)
        {
            _baseUrls = [.. (await Accounts.ListAsync(_leaving.Token)).Select(account => account.BaseUrl).Distinct().Order(StringComparer.Ordinal)];
            _input = new ProviderAppInput { AllowedFor = [.. _baseUrls] };
            return;
        }

        var app = (await Apps.ListAsync(_leaving.Token)).FirstOrDefault(app => app.Id == id);
        _gone = app is null;
        if (app is not null) _input = new ProviderAppInput { Id = id, Name = app.Name, ClientId = app.ClientId };
    }

    private void Toggle(string baseUrl)
    {
        if (!_input!.AllowedFor!.Remove(baseUrl)) _input.AllowedFor.Add(baseUrl);
    }

    private async Task SaveAsync()
    {
        _problems = [];
        _saving = true;
        var result = await Confirmation.RunAsync(async () => await Apps.SaveAsync(_input!, await SignedIn.ActorAsync(), CancellationToken.None));
        _saving = false;
        if (result.Succeeded)
        {
            Navigation.NavigateTo("/provider-apps", new NavigationOptions { HistoryEntryState = _input!.Name.Trim() });
            return;
        }

        _problems = _validator!.Show(result.Problems);
        await FocusInvalidAsync();
    }

    private async Task FocusInvalidAsync()
    {
        await Task.Yield(); // Until the messages are rendered.
        await Js.InvokeVoidAsync("portal.focusInvalid");
    }
}
