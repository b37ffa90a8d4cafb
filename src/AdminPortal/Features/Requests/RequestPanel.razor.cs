using AdminPortal.Access;
using AdminPortal.Domain;
using AdminPortal.Domain.Instances;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Instances;
using AdminPortal.Provisioning.Requests;
using AdminPortal.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.JSInterop;

namespace AdminPortal.Features.Requests;

/// <summary>Makes a request to an instance: choose it, fill it in, send it, see what came back.</summary>
public sealed partial class RequestPanel : IDisposable
{
    private const int InstanceResponseLimit = InstanceResponse.MaxBodyLength;

    private readonly CancellationTokenSource _gone = new();
    private readonly Form _form = new();
    private readonly EditContext _context;
    private readonly ValidationMessageStore _messages;
    private List<Entry> _entries = [];
    private IReadOnlyList<ApiOperation>? _operations;
    private IReadOnlyList<Problem> _docsProblems = [];
    private IReadOnlyList<Problem> _problems = [];
    private ApiOperation? _chosen;
    private RequestAnswer? _answer;
    private string? _curl;
    private string _search = "";
    private string _announcement = "";
    private bool _sending;
    private bool _copied;
    private bool _focusAnswer;

    public RequestPanel()
    {
        _context = new EditContext(_form);
        _messages = new ValidationMessageStore(_context);
        _context.OnFieldChanged += FieldChanged;
    }

    [CascadingParameter]
    private Task<AuthenticationState>? SignedIn { get; set; }

    /// <summary>The instance.</summary>
    [Parameter, EditorRequired]
    public required InstanceView Instance { get; set; }

    [Inject]
    public required RequestService Requests { get; set; }

    [Inject]
    public required IJSRuntime Js { get; set; }

    private IEnumerable<ApiOperation> Shown => _operations!.Where(operation => operation == _chosen || (_form.AllowWrites || operation.IsRead) && Matches(operation));

    private string FoundLine
    {
        get
        {
            var offered = _operations!.Where(operation => _form.AllowWrites || operation.IsRead).ToList();
            var hidden = _operations!.Count - offered.Count;
            var found = L["Found", offered.Count(Matches), offered.Count].Value;
            return hidden == 0 ? found : $"{found} {L["Found.Writes", hidden]}";
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _context.OnFieldChanged -= FieldChanged;
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc />
    protected override Task OnInitializedAsync() => LoadAsync();

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focusAnswer) return;
        _focusAnswer = false;
        await Js.InvokeVoidAsync("portal.focus", "#answer-title");
    }

    private static string Describe(ApiOperation operation) =>
        operation.Summary is { } summary ? $"{operation.Method} {operation.Path}: {(summary.Length > 80 ? summary[..80] + "…" : summary)}" : operation.Key;

    private static IReadOnlyList<string> Choices(ApiParameter parameter) => parameter switch
    {
        { Type: ParameterType.List } => [],
        { Choices.Count: > 0 } => parameter.Choices,
        { Type: ParameterType.Boolean } => ["true", "false"],
        _ => [],
    };

    private static string? InputMode(ApiParameter parameter) => parameter.Type switch
    {
        ParameterType.WholeNumber => "numeric",
        ParameterType.Number => "decimal",
        _ => null,
    };

    private static string StatusText(int status) => $"{status} {ReasonPhrases.GetReasonPhrase(status)}".TrimEnd();

    private bool Matches(ApiOperation operation) =>
        _search.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(word =>
            operation.Key.Contains(word, StringComparison.OrdinalIgnoreCase) || operation.Summary?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);

    private async Task LoadAsync()
    {
        _operations = null;
        try
        {
            var listed = await Requests.ListOperationsAsync(Instance.Id, _gone.Token);
            _docsProblems = listed.Problems;
            _operations = listed.Succeeded ? listed.Value.Operations : [];
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }

        Take(_operations.FirstOrDefault(operation => operation.Key == _chosen?.Key));
    }

    private void Choose(ChangeEventArgs change) => Take(_operations!.FirstOrDefault(operation => operation.Key == change.Value as string));

    private void Take(ApiOperation? operation)
    {
        _chosen = operation;
        _entries = [.. (operation?.Parameters ?? []).Select((parameter, i) => new Entry(parameter, $"parameter-{i}"))];
        Forget();
        _messages.Clear();
    }

    private void AllowWritesAsync(bool allow)
    {
        _form.AllowWrites = allow;
        // What may not be sent any more is not left standing there, ready to be sent.
        if (!allow && _chosen is { IsRead: false }) Take(null);
    }

    private void Forget()
    {
        _problems = [];
        _answer = null;
        _curl = null;
        _copied = false;
        _announcement = "";
    }

    private void FieldChanged(object? sender, FieldChangedEventArgs change)
    {
        _messages.Clear(change.FieldIdentifier);
        _context.NotifyValidationStateChanged();
    }

    private RequestInput Input() => new(
        _chosen,
        _entries.ToDictionary(entry => entry.Parameter.Key, entry => entry.Value),
        _chosen is null ? _form.Address : null,
        _form.AllowWrites);

    private async Task SendAsync()
    {
        if (_sending) return;
        Forget();
        _sending = true;
        var input = Input();
        try
        {
            // A request that was sent is waited for, so that the record of it is whole.
            var result = await Requests.SendAsync(Instance.Id, input, await SignedIn.ActorAsync(), _gone.Token);
            if (!result.Succeeded)
            {
                await ShowAsync(result.Problems);
                return;
            }

            _messages.Clear();
            _answer = result.Value;
            _announcement = L["Announce", StatusText(_answer.Status), ((long)_answer.Duration.TotalMilliseconds).ToString("N0", System.Globalization.CultureInfo.CurrentCulture)];
            _focusAnswer = true;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page was left.
        }
        finally
        {
            _sending = false;
        }
    }

    private async Task ShowCurlAsync()
    {
        Forget();
        var result = await Requests.WriteCurlAsync(Instance.Id, Input(), CancellationToken.None);
        if (result.Succeeded) _curl = result.Value;
        else await ShowAsync(result.Problems);
    }

    private async Task CopyAsync(string curl) => _copied = await Js.InvokeAsync<bool>("portal.copy", curl);

    /// <summary>Puts problems beside the fields that they point at, and the others above the buttons.</summary>
    private async Task ShowAsync(IReadOnlyList<Problem> problems)
    {
        _messages.Clear();
        var elsewhere = new List<Problem>();
        foreach (var problem in problems)
        {
            if (_entries.Find(entry => entry.Parameter.Key == problem.Field) is { } entry)
                _messages.Add(new FieldIdentifier(entry, nameof(Entry.Value)), problem.Message);
            else if (problem.Field == RequestInput.AddressField)
                _messages.Add(_context.Field(nameof(Form.Address)), problem.Message);
            else
                elsewhere.Add(problem);
        }

        _problems = elsewhere;
        _context.NotifyValidationStateChanged();
        if (elsewhere.Count < problems.Count) await Js.InvokeVoidAsync("portal.focusInvalid");
    }

    private string? Help(ApiParameter parameter)
    {
        var sentences = new List<string>();
        if (parameter.Description is { } description) sentences.Add(description);
        if (parameter.Type == ParameterType.List) sentences.Add(L["Help.List"]);
        if (parameter.Place == ParameterPlace.Header) sentences.Add(L["Help.Header"]);
        if (parameter is { Default: { } preset, Place: not ParameterPlace.Body }) sentences.Add(L["Help.Default", preset]);
        // The description's own words may lack the full stop.
        if (sentences.Count > 1 && parameter.Description is [.., var last] && char.IsLetterOrDigit(last)) sentences[0] += ".";
        return sentences.Count == 0 ? null : string.Join(' ', sentences);
    }

    /// <summary>What an answer of these statuses usually means, and where to go with it.</summary>
    private (string Title, string Text, string? Link, string Address)? Hint(RequestAnswer answer) => answer.Status switch
    {
        401 => (L["Hint.Lapsed.Title"], L["Hint.Lapsed.Text"], L["Hint.Lapsed.Link"], InstanceAddress.Reauthentication(Instance.Id)),
        403 when Instance.State == InstanceState.Disabled => (L["Hint.Disabled.Title"], L["Hint.Disabled.Text"], L["Hint.ToOverview"], InstanceAddress.Of(Instance.Id)),
        403 => (L["Hint.Forbidden.Title"], L["Hint.Forbidden.Text"], L["Hint.ToOverview"], InstanceAddress.Of(Instance.Id)),
        404 => (L["Hint.None.Title"], L["Hint.None.Text"], null, ""),
        429 => (L["Hint.Busy.Title"], L["Hint.Busy.Text"], null, ""),
        _ => null,
    };

    private sealed class Form
    {
        public bool AllowWrites { get; set; }

        public string Address { get; set; } = "";
    }

    private sealed class Entry(ApiParameter parameter, string id)
    {
        public ApiParameter Parameter { get; } = parameter;

        public string Id { get; } = id;

        // A sketch of the body is there to be changed; other defaults hold when the field stays empty.
        public string Value { get; set; } = parameter.Place == ParameterPlace.Body ? parameter.Default ?? "" : "";
    }
}
