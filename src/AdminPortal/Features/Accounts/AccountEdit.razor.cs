using System.Globalization;
using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Accounts;
using AdminPortal.Provisioning.Accounts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace AdminPortal.Features.Accounts;

/// <summary>The form for one platform account, new or stored; it can be tested before it is saved.</summary>
public sealed partial class AccountEdit
{
    private const string Other = "other";

    private AccountInput _input = new();
    private EditContext? _context;
    private ValidationMessageStore? _regionMessages;
    private ValidationMessageStore? _checkMessages;
    private Result<string>? _test;
    private string? _suggestedName;
    private bool _gone;
    private bool _unreadable;
    private bool _testing;
    private bool _hostsOpen;

    [Inject]
    public required AccountService Accounts { get; set; }

    /// <summary>The account that is edited; null for a new one.</summary>
    [Parameter]
    public Guid? Id { get; set; }

    [SupplyParameterFromQuery]
    private string? ReturnTo { get; set; }

    private string Host { get; set; } = "";

    private string Region { get; set; } = "";

    /// <summary>The interval of the checks as it is chosen: minutes, nothing for never, or the number that stands beside it.</summary>
    private string Checks { get; set; } = "";

    private int CheckMinutes { get; set; } = 120;

    private HostPreset? Preset => HostPreset.All.FirstOrDefault(preset => preset.Name == Host);

    private string Back => ReturnPath.Read(ReturnTo) ?? "/accounts";

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_context is not null && _input.Id == Id) return;
        _context = null;
        _gone = false;
        _unreadable = false;
        var input = new AccountInput();
        if (Id is { } id)
        {
            if (await Accounts.FindAsync(id, Left) is not { } account)
            {
                _gone = true;
                return;
            }

            _unreadable = account.IsUnreadable;
            input = new AccountInput { Id = id, Name = account.Name, BaseUrl = account.BaseUrl, SignInHosts = string.Join('\n', account.SignInHosts), CheckEveryMinutes = account.CheckEveryMinutes };
        }

        _input = input;
        ShowChecks();
        if (Id is not null) RecognizeHost();
        _context = new EditContext(input);
        _regionMessages = new ValidationMessageStore(_context);
        _checkMessages = new ValidationMessageStore(_context);
        _context.OnValidationRequested += (_, _) =>
        {
            CheckRegion();
            CheckInterval();
        };
        _context.OnFieldChanged += (_, _) => _test = null; // It was of what stood there before.
    }

    // The address follows the choice...
    private void FillIn()
    {
        Region = HostChoice.CleanRegion(Region);
        CheckRegion();
        if (Preset is not { } preset) return;

        _input.BaseUrl = HostChoice.BaseUrl(preset, Region);
        if (_input.BaseUrl.Length > 0) _context!.NotifyFieldChanged(_context.Field(nameof(AccountInput.BaseUrl)));
        if (_input.Name.Length > 0 && _input.Name != _suggestedName) return;
        _input.Name = _suggestedName = preset.Name;
        _context!.NotifyFieldChanged(_context.Field(nameof(AccountInput.Name)));
    }

    // ... and the choice the address.
    private void RecognizeHost()
    {
        var (preset, region) = HostChoice.Match(_input.BaseUrl.Trim().TrimEnd('/'));
        Host = preset?.Name ?? Other;
        Region = region;
        _regionMessages?.Clear();
    }

    private void ShowChecks()
    {
        Checks = _input.CheckEveryMinutes switch
        {
            null => "",
            15 or 60 or 360 or 1440 => _input.CheckEveryMinutes.Value.ToString(CultureInfo.InvariantCulture),
            _ => Other,
        };
        if (Checks == Other) CheckMinutes = _input.CheckEveryMinutes!.Value;
    }

    private void TakeChecks()
    {
        _input.CheckEveryMinutes = Checks switch
        {
            "" => null,
            Other => CheckMinutes,
            _ => int.Parse(Checks, CultureInfo.InvariantCulture),
        };
        CheckInterval();
    }

    private void CheckInterval()
    {
        _checkMessages!.Clear();
        if (_input.CheckEveryMinutes is < PlatformAccount.MinCheckMinutes or > PlatformAccount.MaxCheckMinutes)
            _checkMessages.Add(() => CheckMinutes, L["Checks.Range", PlatformAccount.MinCheckMinutes, PlatformAccount.MaxCheckMinutes]);
        _context!.NotifyValidationStateChanged();
    }

    private void CheckRegion()
    {
        _regionMessages!.Clear();
        if (HostChoice.NeedsRegion(Preset) && !HostChoice.IsRegion(Region))
            _regionMessages.Add(() => Region, Region.Length == 0 ? L["Region.Required"] : L["Region.Form"]);
        _context!.NotifyValidationStateChanged();
    }

    private async Task SaveAsync()
    {
        _test = null;
        if (!await ValidateAsync()) return;

        await SendAsync(actor => Accounts.SaveAsync(_input, actor, CancellationToken.None), Back, () => _input.Name.Trim());
    }

    private async Task<Result<Done>> AskApprovalAsync(string reason) =>
        await Accounts.AskApprovalAsync(_input, reason, await SignedIn.ActorAsync(), CancellationToken.None);

    private async Task TestAsync()
    {
        _test = null;
        if (!await ValidateAsync()) return;

        _testing = true;
        var result = await Accounts.TestAsync(_input, await SignedIn.ActorAsync(), Left);
        _testing = false;
        _test = result;
    }

    private async Task<bool> ValidateAsync()
    {
        Problems = [];
        if (_context!.Validate()) return true;
        await FocusInvalidAsync();
        return false;
    }

    private protected override async Task FocusInvalidAsync()
    {
        _hostsOpen = _context!.GetValidationMessages(_context.Field(nameof(AccountInput.SignInHosts))).Any();
        StateHasChanged();
        await base.FocusInvalidAsync();
    }
}
