using AdminPortal.Provisioning.Activity;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.People;
using Microsoft.AspNetCore.Identity;

namespace AdminPortal.Features.SignIn;

/// <summary>
/// The way in to a portal that nobody can sign in to yet: a one-time link that the console prints at every start until
/// there is an administrator. Whoever reads the console runs the portal.
/// </summary>
public sealed class FirstAdministrator(PeopleService people, SignInWays ways, IServiceScopeFactory scopes, AccessRecord record) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private byte[]? _codeHash;

    /// <summary>Makes the setup code where there is no administrator yet.</summary>
    /// <returns>The code; null when there is an administrator, or where nobody could use a password.</returns>
    public async Task<string?> OpenAsync(CancellationToken cancellationToken)
    {
        if (!ways.TakesPasswords || await people.HasAdministratorAsync(cancellationToken)) return null;
        var code = OneTimeValue.Create();
        _codeHash = OneTimeValue.Hash(code);
        return code;
    }

    /// <summary>Whether this is the code of an open setup.</summary>
    public bool Accepts(string? code) => OneTimeValue.Matches(code, _codeHash);

    /// <summary>Creates the administrator, once.</summary>
    /// <param name="code">The one-time code.</param>
    /// <param name="email">Who it will be.</param>
    /// <param name="password">The password.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    /// <returns>The person, or what stood in the way; null for a code that is not good (any more).</returns>
    public async Task<(PortalUser? Person, IReadOnlyList<string> Problems)?> CreateAsync(string? code, string email, string password, string? from, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (!Accepts(code)) return null;
            if (await people.HasAdministratorAsync(cancellationToken))
            {
                // One has come by single sign-on meanwhile.
                _codeHash = null;
                return null;
            }


            await using var scope = scopes.CreateAsyncScope();
            var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = email, Email = email, EmailConfirmed = true, Role = Role.Administrator };
            // Saved with the person, by the same call.
            record.Add(scope.ServiceProvider, new Actor(person.Id, email) { From = from }, ActivityAction.AdministratorCreated, email);
            var result = await scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>().CreateAsync(person, password);
            if (!result.Succeeded) return (null, [.. result.Errors.Select(error => error.Description)]);
            _codeHash = null;
            return (person, []);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _oneAtATime.Dispose();
}
