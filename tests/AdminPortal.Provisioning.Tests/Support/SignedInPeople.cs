using AdminPortal.Domain.Access;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests.Support;

/// <summary>People with a password, where a test has Identity.</summary>
internal static class SignedInPeople
{
    public const string Password = "correct horse battery";

    public static Task<TestPortal> StartAsync(IReadOnlyDictionary<string, string?>? settings = null) => TestPortal.StartAsync(
        services => services.AddPeople(Configure), settings);

    public static Task<TestPortal> StartAsync(Action<IServiceCollection> configure) => TestPortal.StartAsync(services =>
    {
        services.AddPeople(Configure);
        configure(services);
    });

    /// <summary>A user of an earlier release, whose address no rule was asked about.</summary>
    public static async Task AddStoredAsync(this TestPortal portal, string email, Role role)
    {
        await using var db = portal.OpenDatabase();
        var person = new PortalUser
        {
            Id = Guid.CreateVersion7(),
            UserName = email,
            NormalizedUserName = email.ToUpperInvariant(),
            Email = email,
            NormalizedEmail = email.ToUpperInvariant(),
            SecurityStamp = "stamp",
            Role = role,
        };
        person.PasswordHash = new PasswordHasher<PortalUser>().HashPassword(person, Password);
        db.Users.Add(person);
        await db.SaveChangesAsync(Token);
    }

    public static void Configure(IdentityOptions identity)
    {
        identity.Password = new PasswordOptions
        {
            RequiredLength = 12, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false,
        };
    }

    public static async Task<PortalUser> AddPersonAsync(this TestPortal portal, string email, Role role, string? password = Password)
    {
        await using var scope = portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        var person = new PortalUser { Id = Guid.CreateVersion7(), UserName = email, Email = email, Role = role };
        (password is null ? await people.CreateAsync(person) : await people.CreateAsync(person, password)).Succeeded.ShouldBeTrue();
        return person;
    }

    /// <summary>Somebody new with a session of just now.</summary>
    public static async Task<Actor> SignInAsync(this TestPortal portal, string email, Role role, string? password = Password)
    {
        var person = await portal.AddPersonAsync(email, role, password);
        return await portal.SignInAsync(new Actor(person.Id, email) { Role = role });
    }

    /// <summary>Changes a person as Identity does.</summary>
    public static async Task ChangeAsync(this TestPortal portal, Actor actor, Func<UserManager<PortalUser>, PortalUser, Task> change)
    {
        await using var scope = portal.Get<IServiceScopeFactory>().CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        await change(people, (await people.FindByIdAsync(actor.PersonId!.Value.ToString())).ShouldNotBeNull());
    }
}
