using AdminPortal.Provisioning.Tests.Support;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Tests;

/// <summary>The validators that the assembly scan registers.</summary>
public sealed class ValidatorRegistrationTests
{
    [Fact]
    public async Task AddProvisioning_EachValidator_IsRegisteredOnceAsSingleton()
    {
        var services = new ServiceCollection();
        await using var portal = await TestPortal.StartAsync(all =>
        {
            foreach (var descriptor in all) ((ICollection<ServiceDescriptor>)services).Add(descriptor);
        });

        var registered = services.Where(service => service.ServiceType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IValidator<>)).ToList();

        var inputs = typeof(ProvisioningServices).Assembly.GetTypes().Where(type => type.BaseType is { IsGenericType: true } parent
            && parent.GetGenericTypeDefinition() == typeof(AbstractValidator<>)).Select(type => type.BaseType!.GetGenericArguments()[0]).ToList();
        inputs.Count.ShouldBeGreaterThan(5);
        registered.Select(service => service.ServiceType.GetGenericArguments()[0]).ShouldBe(inputs, ignoreOrder: true);
        registered.ShouldAllBe(service => service.Lifetime == ServiceLifetime.Singleton);
    }
}
